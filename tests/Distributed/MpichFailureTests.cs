namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class MpichFailureTests() : MpiFailureTests("MPICH", otherLibrary: "libmpi.so.40");
