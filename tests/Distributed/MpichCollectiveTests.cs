namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class MpichCollectiveTests() : MpiCollectiveTests("MPICH", "MPICH");
