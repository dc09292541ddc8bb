using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo;

/// <summary>Supervised fine-tuning on conversations: next-token loss on the assistant's tokens. The step before DPO.</summary>
/// <remarks>Reads the columns that the same transforms make of one conversation. Fitting changes neither the options nor the model in them.</remarks>
public sealed partial class SftTrainer : IEstimator<SftTransformer>
{
    private readonly MLContext _context;
    private readonly Options _options;
    private readonly ResponseColumns _columns;

    /// <summary>Makes the estimator.</summary>
    /// <param name="mlContext">Whose log and GPU setting are used.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public SftTrainer(MLContext mlContext, Options options)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_context, _options) = (mlContext, options);
        _columns = new ResponseColumns(options.InputIdsColumnName, options.LabelsColumnName, options.LossMaskColumnName);
    }

    /// <summary>Trains on the conversations.</summary>
    /// <param name="input">Has the columns of the options.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">No conversation has a token to learn, or a row's columns contradict each other.</exception>
    /// <exception cref="InsufficientMemoryException">Memory is short; the message says which options lower the need.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to go on from is of another run; the message lists what differs.</exception>
    public SftTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        IHost host = ((IHostEnvironment)_context).Register(nameof(SftTrainer));
        using IChannel channel = WarningChannel.Of(host.Start("Train"), nameof(SftTrainer), _options);
        return GuardedFit.Run(_options.Communicator, communicator => MemoryAdvice.Run(_options, () => Fit(input, communicator, channel)));
    }

    /// <summary>The schema of what the trained transformer gives: that of its input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (InputColumn column in _columns.Inputs)
            column.Check(inputSchema);
        return inputSchema;
    }

    private SftTransformer Fit(IDataView input, ICommunicator communicator, IChannel channel)
    {
        RunAgreement.RequireOptions(_options, communicator);
        using ThreadScope threads = new(_options.Threads);
        ComputeSettings compute = ComputeSettings.Resolve(_context, _options, communicator);
        using Tf32Scope tf32 = new(_options.AllowTf32, compute, message => channel.Warning(MessageSensitivity.None, "{0}", message));
        ConversationReader reader = new(
            _columns, _options.LineNumberColumnName, _options.TokenCountColumnName, _options.Model.Config.VocabularySize,
                EndTokens.Of(_options.Model.Tokenizer))
        {
            Weight = _options.WeightColumnName,
        };
        (IReadOnlyList<Response> responses, IReadOnlyList<long> lines, IReadOnlyList<SkippedPair> skipped, TruncationReport? truncation) =
            reader.Read(input, communicator, _options.CancellationToken);
        TrainingEngine.RequireLength(_options, responses.Zip(lines));
        if (responses.Count == 0)
        {
            throw skipped.Count == 0 ? new InvalidDataException("The data has no conversation to train on.")
                : UnusableStart.Error(skipped, truncation, "conversations", hasMore: false);
        }

        SupervisedWatch watching = new(_options, compute, communicator, channel);
        IReadOnlyList<Response> heldOut = watching.HeldOutConversations(reader);
        _options.RequireWeights(responses);
        SkippedPair[] unusable = [.. skipped.Where(row => row.Reason != WeightColumn.NoWeight)];
        bool reports = communicator.Rank == 0; // all ranks have read the same
        if (reports && truncation is { LosesAnything: true })
            channel.Warning(MessageSensitivity.None, "{0}", truncation);
        if (reports && skipped.Count > unusable.Length)
            channel.Info(MessageSensitivity.None, "{0} conversations of weight 0 are left out", skipped.Count - unusable.Length);
        if (reports && unusable.Length > 0)
        {
            channel.Warning(MessageSensitivity.None, "{0} conversations have no token to learn and are left out, the first in line {1}: {2}", unusable.Length,
                unusable[0].Line, unusable[0].Reason);
        }
        if (reports && PairWeights.AreGiven(responses))
        {
            channel.Info(MessageSensitivity.None, "conversations are weighed: {0} weights from {1} to {2}, {3} in all", responses.Count,
                responses.Min(row => row.Weight), responses.Max(row => row.Weight), responses.Sum(row => row.Weight));
        }

        if (reports)
            channel.Info(MessageSensitivity.None, "{0} conversations, {1} parameters, {2}", responses.Count, _options.Model.ParameterCount, compute.Describe());

        MiniMindNetwork network = TrainedPart.Create(_options, compute).Policy;
        try
        {
            TrainedPart.Announce(_options, network, communicator, channel, () => BatchBuilder.Responses(
                [.. responses.Take(_options.AutoBatch ? 1 : _options.BatchSize)], BatchShape.Packed, headOnResponseOnly: true, 0, 0,
                    balanceRealTokensOnly: false));
            SupervisedTask task = new(network, responses, lines, TrainingEngine.BatchOptions(_options, compute));
            IEnumerable<KeyValuePair<string, string>> Inputs() =>
            [
                new("Data", $"{responses.Count} conversations, SHA-256 {Fingerprint.Of(responses)}{Fingerprint.OfNumbers(responses)}"),
                new("Validation.Data", heldOut.Count == 0 ? "none"
                    : $"{heldOut.Count} conversations, SHA-256 {Fingerprint.Of(heldOut)}{Fingerprint.OfNumbers(heldOut)}"),
            ];
            RunAgreement.RequireInputs(() => [.. Inputs(), .. TrainedPart.Inputs(_options)], communicator);
            using TrainingWatch watch = watching.Create(network, heldOut, truncation);
            TrainingState state = TrainingEngine.Run(
                _options, network, task, compute, communicator, channel, watch,
                Inputs,
                () => RunDescriber.Conversations(_options, responses, lines, skipped, truncation, input.Schema, compute));
            TrainingSummary summary = new()
            {
                Examples = responses.Count, Skipped = skipped, Truncation = truncation, BadRows = BadRowReport.Find(input.Schema), Steps = state.Step,
                History = state.History,
                StopReason = state.StopReason, Elapsed = state.Elapsed,
                Evaluations = state.Evaluations, Warnings = state.Warnings, ReturnedStep = state.ReturnedStep ?? state.Step, Precision = compute.Precision,
                Device = compute.Device.ToString(),
            };
            PretrainedModel model = _options.Model;
            return new SftTransformer(new PretrainedModel(new SharedNetwork(network), model.Tokenizer, model.ChatTemplate, model.Origin), summary,
                _options.Adapter?.EmbedBase ?? true);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
