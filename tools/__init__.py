"""What a developer of cecli runs; the tests and the benchmarks use some of it too."""
