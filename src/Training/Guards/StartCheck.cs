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
    private const double BatchTolerance = 1e-4; // relative: sums of another batch's matrix products, or of a GPU's in another pass

    private const double PassTolerance = 1e-9; // relative: thousands of nats, whose millionths would move the loss by as much

    /// <summary>
    /// Compares both on one batch: exactly where the reference runs live, else within rounding; and the policy's pass of a training step with them, so nearly
    /// that the loss of the first step is what it must be to a millionth.
    /// </summary>
    /// <exception cref="InvalidOperationException">They differ, so what is trained is not measured against itself.</exception>
    public static void PolicyEqualsReference(MiniMindNetwork policy, IReferenceLogProbs reference, ITrainingTask task, BatchOptions options, int[] examples)
    {
        using DisposeScope scope = NewDisposeScope();
        DeviceBatch batch = new(task.Build(examples), options.Mode, policy.Device);
        double[] theirs = Host(reference.Sums(batch, examples));
        bool live = reference is LiveReference;
        string Describe(int sum) => task.Describe(examples[sum % examples.Length]);
        RequireEqual(Host(NetworkScorer.Sums(policy, batch, options.LogitsBudget)), theirs, live ? 0 : BatchTolerance, Describe);
        if (!policy.Drops) // what it leaves differs from pass to pass
        {
            double tolerance = live && policy.Device.type == DeviceType.CPU ? PassTolerance : BatchTolerance;
            RequireEqual(Host(NetworkScorer.TrainingSums(policy, batch, options)), theirs, tolerance, Describe);
        }
    }

    /// <summary>Compares sums of log-probabilities.</summary>
    /// <param name="ours">The policy's.</param>
    /// <param name="theirs">The reference's.</param>
    /// <param name="tolerance">How far they may lie apart, as a share of the reference's.</param>
    /// <param name="describe">Says of which pair a sum is.</param>
    /// <exception cref="InvalidOperationException">They lie further apart.</exception>
    internal static void RequireEqual(double[] ours, double[] theirs, double tolerance, Func<int, string> describe)
    {
        for (int i = 0; i < ours.Length; i++)
        {
            if (!(Math.Abs(ours[i] - theirs[i]) <= tolerance * Math.Abs(theirs[i])))
            {
                throw new InvalidOperationException(
                    $"Before the first step the policy gives {describe(i)} a log-probability of {ours[i]:G9} and the " +
                        $"reference {theirs[i]:G9}; they must be the same model. " +
                    "Are the weights finite? Was the model changed while training was set up?");
            }
        }
    }

    private static double[] Host(Tensor sums) => sums.cpu().data<double>().ToArray();
}
