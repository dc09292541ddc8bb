using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Before the first step policy and reference are one model: every margin is 0, and the loss what it says of its start.</summary>
internal static class StartCheck
{
    private const double BatchTolerance = 1e-4; // relative: sums of another batch's, or another pass's, matrix products

    /// <summary>
    /// Compares both on one batch: exactly where the reference runs live, else within rounding; and the policy's pass of a training step with them.
    /// </summary>
    /// <exception cref="InvalidOperationException">They differ, so what is trained is not measured against itself.</exception>
    public static void PolicyEqualsReference(MiniMindNetwork policy, IReferenceLogProbs reference, ITrainingTask task, BatchOptions options, int[] examples)
    {
        using DisposeScope scope = NewDisposeScope();
        DeviceBatch batch = new(task.Build(examples), options.Mode, policy.Device);
        double[] theirs = Host(reference.Sums(batch, examples));
        Compare(Host(NetworkScorer.Sums(policy, batch, options.LogitsBudget)), reference is LiveReference ? 0 : BatchTolerance);
        if (!policy.Drops) // what it leaves differs from pass to pass
            Compare(Host(NetworkScorer.TrainingSums(policy, batch, options)), BatchTolerance);

        void Compare(double[] ours, double tolerance)
        {
            for (int i = 0; i < ours.Length; i++)
            {
                if (!(Math.Abs(ours[i] - theirs[i]) <= tolerance * Math.Abs(theirs[i])))
                {
                    throw new InvalidOperationException(
                        $"Before the first step the policy gives {task.Describe(examples[i % examples.Length])} a log-probability of {ours[i]:G9} and the " +
                            $"reference {theirs[i]:G9}; they must be the same model. " +
                        "Are the weights finite? Was the model changed while training was set up?");
                }
            }
        }
    }

    private static double[] Host(Tensor sums) => sums.cpu().data<double>().ToArray();
}
