namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>In what models are measured that are no ML.NET files, which bring this themselves.</summary>
internal sealed record ScoringSettings
{
    /// <summary>The loss; by default that of the trainer.</summary>
    public PreferenceLoss? Loss { get; init; }

    /// <summary>The factor of rewards; by default what the loss recommends.</summary>
    public double? Beta { get; init; }

    /// <summary>How a response's token log-probabilities become one number; by default what the loss recommends.</summary>
    public LogProbReduction? Reduction { get; init; }

    /// <summary>The options of a trainer with these, and its defaults.</summary>
    public DpoTrainer.Options Options(PretrainedModel policy, PretrainedModel? reference)
    {
        DpoTrainer.Options options = new() { Model = reference ?? policy };
        if (reference is null)
            options = options with { Reference = ReferenceMode.None };
        if (Loss is not null)
            options = options with { Loss = Loss };
        if (Beta is { } beta)
            options = options with { Beta = beta };
        return Reduction is { } reduction ? options with { Reduction = reduction } : options;
    }

    /// <summary>Refuses what a file decides that brings a pipeline.</summary>
    public void RefuseFor(string path)
    {
        if (Loss is not null || Beta is not null || Reduction is not null)
            throw new ArgumentException($"'loss', 'beta' and 'reduction' are those of '{path}', an ML.NET file; leave them out.");
    }
}
