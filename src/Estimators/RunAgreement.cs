using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Verifies that all ranks of a run were given the same options and the same data, before they call anything together that depends on them.</summary>
internal static class RunAgreement
{
    /// <summary>Compares the options that decide about steps and collectives.</summary>
    /// <exception cref="InvalidOperationException">They differ, on every rank with the same text.</exception>
    public static void RequireOptions(TrainingOptions options, ICommunicator communicator)
    {
        if (communicator.Size == 1)
            return;
        RankAgreement.Require(communicator,
        [
            .. OptionList.OfRun(options), new(nameof(options.LogInterval), InvariantText.Of(options.LogInterval)),
            new(nameof(options.Checkpoints), options.Checkpoints is null ? "not kept" : "kept"),
        ]);
    }

    /// <summary>Compares what is trained on.</summary>
    /// <param name="inputs">Names and hashes; asked for only where there are several ranks.</param>
    /// <param name="communicator">Connects the ranks.</param>
    /// <exception cref="InvalidOperationException">They differ, on every rank with the same text.</exception>
    public static void RequireInputs(Func<IEnumerable<KeyValuePair<string, string>>> inputs, ICommunicator communicator)
    {
        if (communicator.Size > 1)
            RankAgreement.Require(communicator, inputs());
    }
}
