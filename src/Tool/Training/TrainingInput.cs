using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Inputs;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>What a run is made from.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
/// <param name="Start">The model to start from.</param>
/// <param name="Reference">Another model as the reference; <see langword="null"/> for none.</param>
/// <param name="Rows">The rows to train on.</param>
/// <param name="Preparation">What makes training rows of them.</param>
/// <param name="HeldOut">The prepared rows to measure on; <see langword="null"/> for none.</param>
/// <param name="Options">The options with all of these.</param>
internal sealed record TrainingInput<TOptions>(
    ModelInput Start, ModelInput? Reference, IDataView Rows, ITransformer Preparation, IDataView? HeldOut, TOptions Options) : IDisposable
{
    /// <summary>The model to start from.</summary>
    public PretrainedModel Model => Start.Model;

    /// <summary>The rows as they are trained on.</summary>
    public IDataView Prepared => Preparation.Transform(Rows);

    public void Dispose()
    {
        Start.Dispose();
        Reference?.Dispose();
    }
}
