namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Tests of the process's memory run alone.</summary>
[CollectionDefinition(nameof(LoadingMemoryCollection), DisableParallelization = true)]
public class LoadingMemoryCollection;
