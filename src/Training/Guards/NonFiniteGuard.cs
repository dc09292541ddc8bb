using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices a loss or gradient that is infinite or not a number, and finds the pairs that it comes from.</summary>
/// <remarks>
/// On the CPU a step with such a gradient is not taken, and is noticed at once. On CUDA it is noticed at the next measurement.
/// With a gradient scaler a skipped step is usual; many in a row are not.
/// </remarks>
internal sealed class NonFiniteGuard(GuardAction action, RollBackPoint? rollBack, double learningRate, ComputeMode mode)
    : GuardObserver(TrainingGuard.NonFinite, action, rollBack), IResumableObserver
{
    private const int MostSkippedInARow = 25; // from 65,536 the scale has then fallen to 0.002
    private const int MostNamed = 10;
    private readonly List<int> _recent = [];
    private int _skippedInARow;
    private bool _measured, _notFinite;

    /// <inheritdoc />
    public string MemoryName => "non-finite guard";

    public void Measured(TrainingState state, TrainingPoint point) =>
        (_measured, _notFinite) = (true, !point.Metrics.Values.All(double.IsFinite) || state.Scaler is null && !double.IsFinite(point.GradientNorm));

    public void Stepped(TrainingState state, StepResult step)
    {
        if (IsDone(state))
            return;
        _recent.AddRange(step.Examples);
        _skippedInARow = step.Skipped ? _skippedInARow + 1 : 0;
        bool skipped = state.Scaler is null ? step.Skipped : _skippedInARow > MostSkippedInARow;
        if (skipped || _notFinite)
            Raise(state, Message(state, skipped ? step.Examples : _recent));
        if (_measured)
            _recent.Clear();
        _measured = _notFinite = false;
    }

    public void Evaluated(TrainingState state, ValidationPoint evaluation)
    {
        if (!IsDone(state) && !double.IsFinite(evaluation[ValidationMetric.Loss]))
            Raise(state, $"the validation loss is {evaluation[ValidationMetric.Loss]}. {WholeRun()}");
    }

    /// <inheritdoc />
    public ObserverMemory Save() => new(JsonSerializer.SerializeToElement(new Memory([.. _recent], _skippedInARow)), new Dictionary<string, Tensor>());

    /// <inheritdoc />
    public void Load(ObserverMemory memory)
    {
        Memory saved = memory.Values.Deserialize<Memory>()!;
        _recent.Clear();
        _recent.AddRange(saved.Recent);
        _skippedInARow = saved.SkippedInARow;
    }

    private string Message(TrainingState state, IReadOnlyList<int> examples)
    {
        const string what = "the loss or its gradient is infinite or not a number";
        IReadOnlyList<int> culprits = NonFiniteSearch.Among(examples, state, mode);
        if (culprits.Count == examples.Count && Action == GuardAction.RollBack && !AreNumbers(state.Parameters.Values))
        {
            RollBack?.Restore(state); // so that the pairs can be tried with weights that are numbers
            culprits = NonFiniteSearch.Among(examples, state, mode);
        }
        else if (culprits.Count == examples.Count && !AreNumbers(state.Parameters.Values))
        {
            return $"{what}, and so are weights by now; the last pairs were {Names(state, examples)}. {WholeRun()}";
        }

        if (culprits.Count == 0)
            return $"{what} for the pairs {Names(state, examples)} together, but for none of them alone. {WholeRun()}";
        if (culprits.Count == examples.Count)
            return $"{what} for every one of {Names(state, examples)}. {WholeRun()}";
        return $"{what}, and it comes from {Names(state, culprits)} alone, of {Names(state, examples)}. Likely cause: something in it that the model has " +
            "broken weights for, such as a token it was never trained on. " +
            "Look at the text there, and remove or mend it.";
    }

    private static bool AreNumbers(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.isfinite().all().item<bool>();
    }

    private string WholeRun() => string.Create(CultureInfo.InvariantCulture,
        $"Likely cause: LearningRate {learningRate:G3} is too high, or the model's weights were not good to begin with. Lower LearningRate, for example to " +
            $"{learningRate / 10:G2}, set MaxGradientNorm to 1 or less, and use Fp32 or Bf16.");

    private static string Names(TrainingState state, IReadOnlyList<int> examples) =>
        string.Join(", ", examples.Take(MostNamed).Select(state.Task.Describe)) + (examples.Count > MostNamed ? $" and {examples.Count - MostNamed} more" : "");

    private sealed record Memory(int[] Recent, int SkippedInARow);
}
