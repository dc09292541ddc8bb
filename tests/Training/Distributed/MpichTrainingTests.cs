namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class MpichTrainingTests() : MpiTrainingTests("MPICH");
