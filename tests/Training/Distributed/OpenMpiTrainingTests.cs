namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class OpenMpiTrainingTests() : MpiTrainingTests("Open MPI");
