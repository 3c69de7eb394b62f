"""The product under fire: real processes, clients that write down what they were told, and a schedule of faults."""
