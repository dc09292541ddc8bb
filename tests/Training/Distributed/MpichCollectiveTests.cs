namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class MpichCollectiveTests() : MpiCollectiveTests("MPICH", "MPICH");
