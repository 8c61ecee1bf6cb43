// Contracts spend their time waiting for brokers, not for processors: more classes at once than the machine has of these.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]
