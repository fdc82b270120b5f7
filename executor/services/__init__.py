"""What people can do, as plain typed methods: the command line, REST and the editor all call these."""
