using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo;

/// <summary>
/// Trains a policy on preference pairs against a frozen reference by Direct Preference Optimization (Rafailov et al. 2023, arXiv 2305.18290).
/// </summary>
/// <remarks>
/// Reads the columns that the preparation makes, and gives a <see cref="DpoTransformer"/> that scores pairs and generates text.
/// Fitting changes neither the options nor the model in them, and may be repeated.
/// </remarks>
public sealed partial class DpoTrainer : IEstimator<DpoTransformer>
{
    private readonly MLContext _context;
    private readonly Options _options;

    /// <summary>Makes the estimator.</summary>
    /// <param name="mlContext">Whose log and GPU setting are used.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message lists every fault.</exception>
    public DpoTrainer(MLContext mlContext, Options options)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_context, _options) = (mlContext, options);
    }

    /// <summary>Trains on the pairs.</summary>
    /// <param name="input">Has the columns of <see cref="Options.InputColumns"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">No pair can be trained on, or one cannot and the options say to fail then.</exception>
    /// <exception cref="InsufficientMemoryException">Memory is short; the message says which options lower the need.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to go on from is of another run; the message lists what differs.</exception>
    public DpoTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        IHost host = ((IHostEnvironment)_context).Register(nameof(DpoTrainer));
        using IChannel channel = WarningChannel.Of(host.Start("Train"), nameof(DpoTrainer), _options);
        return GuardedFit.Run(_options.Communicator, communicator => MemoryAdvice.Run(
            _options, () => new DpoTraining(_context, _options, communicator, channel).Run(input)));
    }

    /// <summary>The schema of what the trained transformer gives.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        PairScoringColumns columns = new(_options.InputColumns, _options.ScoreColumns, _options.Objective);
        foreach (InputColumn column in columns.Inputs)
            column.Check(inputSchema);
        Dictionary<string, SchemaShape.Column> shape = inputSchema.ToDictionary(column => column.Name);
        foreach (OutputColumn output in columns.Outputs)
            shape[output.Name] = output.ShapeOver(columns.Inputs, inputSchema);
        return new SchemaShape(shape.Values);
    }
}
