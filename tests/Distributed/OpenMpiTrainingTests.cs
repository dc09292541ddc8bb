namespace MiniMind.MLNet.Dpo.Tests.Distributed;

public sealed class OpenMpiTrainingTests() : MpiTrainingTests("Open MPI");
