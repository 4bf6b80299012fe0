"""A bare configargparse program with six options."""

from benchmarks.programs import parser

parser.with_options().parse_args()
