namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class MpichFailureTests() : MpiFailureTests("MPICH", otherLibrary: "libmpi.so.40");
