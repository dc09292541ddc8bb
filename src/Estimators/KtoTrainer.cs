using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo;

/// <summary>Trains on feedback: single answers, each good or bad, such as an app's thumbs up and down.</summary>
/// <remarks>
/// <para>Kahneman-Tversky Optimization (Ethayarajh et al. 2024, arXiv 2402.01306) against a frozen reference. Reads the columns that
/// <c>PrepareFeedback</c> makes. Fitting changes neither the options nor the model in them.</para>
/// <para>The baseline z is that of the whole optimizer step, of all its forward passes and processes: the mean of log pi - log ref over the step's prompts,
/// each with the answer of the row before it in the step (the first with that of the last; rows with the same prompt are passed over). Larger steps
/// (<see cref="TrainingOptions.BatchSize"/> times <see cref="TrainingOptions.AccumulationSteps"/>, 16 or more) give a better one. A step of one row takes
/// the answer of the next row of the data.</para>
/// <para>The reference runs in every step, and both models run the mismatched rows too, without gradients: a step costs six forward passes a row, where it
/// costs four without a baseline.</para>
/// </remarks>
public sealed partial class KtoTrainer : IEstimator<KtoTransformer>
{
    private readonly MLContext _context;
    private readonly Options _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="mlContext">Whose log and GPU setting are used.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public KtoTrainer(MLContext mlContext, Options options)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_context, _options) = (mlContext, options);
    }

    /// <summary>Trains on the answers.</summary>
    /// <param name="input">Has the columns of <see cref="Options.InputColumns"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">No answer has a token to learn, or a row's columns contradict each other.</exception>
    /// <exception cref="InsufficientMemoryException">Memory is short; the message says which options lower the need.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to go on from is of another run; the message lists what differs.</exception>
    public KtoTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        IHost host = ((IHostEnvironment)_context).Register(nameof(KtoTrainer));
        using IChannel channel = WarningChannel.Of(host.Start("Train"), nameof(KtoTrainer), _options);
        return GuardedFit.Run(_options.Communicator, communicator => MemoryAdvice.Run(
            _options, () => new KtoTraining(_context, _options, communicator, channel).Run(input)));
    }

    /// <summary>The schema of what the trained transformer gives.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        FeedbackScoringColumns columns = new(_options.InputColumns, _options.ScoreColumns, new FeedbackNote(_options.Objective, 0));
        foreach (InputColumn column in columns.Inputs.Append(FeedbackReader.Verdict(_options.InputColumns.IsGood)))
            column.Check(inputSchema);
        Dictionary<string, SchemaShape.Column> shape = inputSchema.ToDictionary(column => column.Name);
        foreach (OutputColumn output in columns.Outputs)
            shape[output.Name] = output.ShapeOver(columns.Inputs, inputSchema);
        return new SchemaShape(shape.Values);
    }
}
