namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

public sealed class OpenMpiFailureTests() : MpiFailureTests("Open MPI", otherLibrary: "libmpich.so.12");
