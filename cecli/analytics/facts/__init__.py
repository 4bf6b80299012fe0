"""What is found out about the machine, the code, the models and the options."""
