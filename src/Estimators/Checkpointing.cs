using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Puts <see cref="TrainingOptions.Checkpoints"/> to work: says what the run is, takes up an earlier one, and keeps this one.</summary>
internal static class Checkpointing
{
    private static readonly HashSet<string> s_partition =
        [nameof(TrainingOptions.BatchSize), nameof(TrainingOptions.AccumulationSteps), nameof(TrainingOptions.MaxRowsPerPass)];

    /// <summary>Brings a state to its checkpoint, if there is one.</summary>
    /// <param name="options">The trainer's options.</param>
    /// <param name="compute">What they came to.</param>
    /// <param name="inputs">Names and hashes of what is trained on; asked for only where checkpoints are kept.</param>
    /// <param name="state">The run before its first step.</param>
    /// <param name="observers">The run's observers; those with a memory get it back, and checkpoints keep it.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="channel">ML.NET's log.</param>
    /// <returns>The observer to add behind the given ones and to dispose after the run; <see langword="null"/> where no checkpoints are wanted.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint is of another run, or there is none where one is required, or one where none is
    /// wanted.</exception>
    public static CheckpointObserver? Begin(
        TrainingOptions options, ComputeSettings compute, Func<IEnumerable<KeyValuePair<string, string>>> inputs,
        TrainingState state, IReadOnlyList<ITrainingObserver> observers, long totalSteps, IChannel channel)
    {
        if (options.Checkpoints is not { } kept)
            return null;
        // the same examples in other passes or on other processes give the same step, unless something is drawn, balanced or averaged in each
        bool freely = options.Model.Config is { Experts: null, Dropout: 0 } && !OptionList.CountsBatches(options);
        KeyValuePair<string, string>[] processes = [new("Processes", InvariantText.Of(state.Communicator.Size))];
        RunIdentity identity = new(
            Sorted(
            [
                .. OptionList.OfRun(options).Where(option => !freely || !s_partition.Contains(option.Key)), .. inputs(),
                    new("Model", Fingerprint.Named(options.Model.Network.Network)), new("Precision", $"{compute.Precision}"),
                .. freely ? [new("Examples in a step", InvariantText.Of((long)options.BatchSize * options.AccumulationSteps * state.Communicator.Size))]
                    : processes,
            ]),
            Sorted([.. Surroundings(compute), .. freely ? processes.Concat(OptionList.OfRun(options).Where(option => s_partition.Contains(option.Key))) : []]));
        bool reports = state.Communicator.Rank == 0; // all ranks find the same
        void Inform(string message)
        {
            if (reports)
                channel.Info(MessageSensitivity.None, "{0}", message);
        }
        void Warn(string message)
        {
            if (reports)
                channel.Warning(MessageSensitivity.None, "{0}", message);
        }
        new Resumption(kept, identity, Inform, Warn).Resume(state, observers, totalSteps);
        return new CheckpointObserver(kept, identity, observers, Warn);
    }

    private static IEnumerable<KeyValuePair<string, string>> Surroundings(ComputeSettings compute) =>
    [
        new("Device", compute.Device.type.ToString()),
        new("Threads", InvariantText.Of(torch.get_num_threads())),
        new("Processor",
            $"{RuntimeInformation.ProcessArchitecture}, {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)} bit vectors, " +
            $"fp32 products by {OneDnnProduct.Library}"),
        new("libtorch", torch.__version__),
        new(".NET", Environment.Version.ToString()),
        new("MiniMind.MLNet.Dpo", typeof(Checkpointing).Assembly.GetName().Version!.ToString()),
    ];

    // the last of two with one name counts: a precision as it was settled, over the option that may leave it open
    private static SortedDictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> values)
    {
        SortedDictionary<string, string> sorted = new(StringComparer.Ordinal);
        foreach ((string name, string value) in values)
            sorted[name] = value;
        return sorted;
    }
}
