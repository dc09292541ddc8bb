using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>A run of which only what was measured is told: the guards of learning rates hear it, and say what they say.</summary>
internal sealed class ScriptedRun : IDisposable
{
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly TrainingState _state;
    private readonly PreferenceTerms _terms;
    private readonly NoLearningGuard _noLearning;
    private readonly ChosenCollapseGuard _collapse;

    public ScriptedRun(double rate, int steps, double meanTokens, double beta = 0.1, LogProbReduction reduction = LogProbReduction.Sum)
    {
        BatchOptions batches = new(BatchShape.PackedWithSharedPrefix, true, 64, 0, true, torch.ScalarType.Float32, long.MaxValue);
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), beta, reduction);
        _terms = new PreferenceTerms(objective, meanTokens, StartsAtReference: true, rate);
        _parameters = new FlatParameters(_model.Network.Network.named_parameters().Select(p => (p.name, p.parameter)));
        _optimizer = new AdamW(_parameters, new AdamWOptions());
        _state = new TrainingState
        {
            Network = _model.Network.Network, Parameters = _parameters, Optimizer = _optimizer, TotalSteps = steps, StepsPerEpoch = steps,
            Task = new PreferenceTask(_model.Network.Network, new AbsentReference(), RandomPairs.Make(1, 1024, 3), objective, batches),
        };
        MiniMindCosineSchedule schedule = new();
        _noLearning = new NoLearningGuard(GuardAction.Warn, null, _terms, (step, total) => schedule.At(step, total, rate));
        _collapse = new ChosenCollapseGuard(GuardAction.Warn, null, _terms, maxDrop: 1);
        _noLearning.Started(_state);
    }

    /// <summary>Tells the points, one every so many steps, and gives what was said to them.</summary>
    public IReadOnlyList<TrainingWarning> Tell(IEnumerable<(double Margin, double Chosen, double Loss)> points, int every = 10, int pairs = 40)
    {
        foreach ((double margin, double chosen, double loss) in points)
        {
            _state.Step = Math.Min(_state.Step + every, _state.TotalSteps);
            Dictionary<string, double> metrics = new()
            {
                [MetricNames.Loss] = loss, [MetricNames.AuxiliaryLoss] = 0, [MetricNames.Margin] = margin, [MetricNames.ChosenReward] = chosen,
                [MetricNames.RejectedReward] = chosen - margin, [MetricNames.Accuracy] = 0.5,
            };
            TrainingPoint point = new(_state.Step, 0, 1, 1, metrics, pairs, pairs, pairs, 0, TimeSpan.Zero);
            _state.History.Add(point);
            _noLearning.Measured(_state, point);
            _collapse.Measured(_state, point);
        }
        return _state.Warnings;
    }

    public void Dispose()
    {
        _noLearning.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _model.Dispose();
    }
}
