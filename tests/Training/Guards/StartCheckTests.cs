using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>How far policy and reference may lie apart before the first step.</summary>
public sealed class StartCheckTests : IDisposable
{
    private static readonly BatchOptions s_options = new(BatchShape.PackedWithSharedPrefix, true, 64, 0, true, ScalarType.Float32, long.MaxValue);
    private static readonly int[] s_examples = [3, 1];

    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly PreferenceTask _task;

    public StartCheckTests() => _task = new PreferenceTask(
        Policy, new AbsentReference(), RandomPairs.Make(5, 1024, 3), new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), s_options);

    private MiniMindNetwork Policy => _model.Network.Network;

    [Theory]
    [InlineData(0, 1.00009)]
    [InlineData(2, 0.99991)]
    public void PolicyEqualsReference_WithinRounding_IsTaken(int sum, double factor) => Check(new ChangedReference(Policy, sum, factor));

    [Theory]
    [InlineData(0, 1.0002, "line 4")]
    [InlineData(1, 0.9998, "line 2")]
    [InlineData(2, 1.0002, "line 4")] // the rejected side of the first example
    [InlineData(3, double.NaN, "line 2")]
    public void PolicyEqualsReference_BeyondRounding_NamesThePair(int sum, double factor, string pair) =>
        FluentActions.Invoking(() => Check(new ChangedReference(Policy, sum, factor))).Should().Throw<InvalidOperationException>()
            .WithMessage($"Before the first step the policy gives {pair} a log-probability of *they must be the same model.*");

    [Fact]
    public void PolicyEqualsReference_AnotherNetworkBeside_IsRefusedForTheSmallestDifference()
    {
        using MiniMindNetwork same = Policy.Clone(CPU);
        Check(new LiveReference(same, s_options.LogitsBudget));
        using (no_grad())
        {
            foreach (TorchSharp.Modules.Parameter parameter in same.parameters())
                parameter.mul_(1 + 1e-6);
        }

        FluentActions.Invoking(() => Check(new LiveReference(same, s_options.LogitsBudget))).Should().Throw<InvalidOperationException>();
    }

    public void Dispose() => _model.Dispose();

    private void Check(IReferenceLogProbs reference) => StartCheck.PolicyEqualsReference(Policy, reference, _task, s_options, s_examples);

    /// <summary>The policy's own log-probabilities, one of them changed.</summary>
    private sealed class ChangedReference(MiniMindNetwork policy, int sum, double factor) : IReferenceLogProbs
    {
        public Tensor Sums(DeviceBatch batch, int[] examples)
        {
            Tensor sums = NetworkScorer.Sums(policy, batch, long.MaxValue); // (2 * B)
            sums[sum].mul_(factor);
            return sums;
        }
    }
}
