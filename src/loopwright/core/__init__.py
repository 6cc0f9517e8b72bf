"""The words of Loopwright: frozen data, ports and pure folds. No I/O, no clock, no randomness."""
