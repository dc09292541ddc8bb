namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class MpichTrainingTests() : MpiTrainingTests("MPICH");
