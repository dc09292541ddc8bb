namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>Tests that train or compute: one after the other, since libtorch's threads and random numbers are the process's.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone : ICollectionFixture<TrainedRuns>;
