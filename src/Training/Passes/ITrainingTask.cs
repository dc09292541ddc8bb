using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>What the training loop optimises: the examples, how they become batches, and the loss with its gradients.</summary>
internal interface ITrainingTask
{
    /// <summary>The number of examples.</summary>
    int Count { get; }

    /// <summary>Names of what <see cref="Accumulate"/> measures, in order; each is a sum over examples.</summary>
    IReadOnlyList<string> MetricNames { get; }

    /// <summary>The denominator that a group of examples adds to the loss: pairs, or tokens.</summary>
    double Weight(ReadOnlySpan<int> examples);

    /// <summary>Rows that one pass over the examples, at least one, takes in the network, padding included.</summary>
    long Rows(IReadOnlyList<int> examples);

    /// <summary>Input tokens of one example, without sharing and padding, for speeds.</summary>
    long Tokens(int example);

    /// <summary>The stage of the backward pass with which a parameter's gradient is complete; stages run from the highest down to 0.</summary>
    int StageOf(string parameter);

    /// <summary>Lays out a batch on the host; called ahead on another thread.</summary>
    BatchRows Build(int[] examples);

    /// <summary>Runs forward and backward: adds <paramref name="scale"/> times the gradient of the summed losses to the parameters' gradients.</summary>
    /// <param name="batch">The laid-out batch.</param>
    /// <param name="examples">The examples in it.</param>
    /// <param name="scale">The loss scale over what the losses are divided by: the weight of the optimizer step's whole group, by default.</param>
    /// <param name="stageFinished">Called with each stage of <see cref="StageOf"/> when the pass has added to its gradients for the last time.</param>
    /// <returns>The sums of <see cref="MetricNames"/>, (K), fp64, on the device, in the caller's scope.</returns>
    Tensor Accumulate(DeviceBatch batch, int[] examples, double scale, Action<int>? stageFinished = null);

    /// <summary>
    /// Called once before a step's passes, on every rank, with the examples of all ranks; what the losses of a step have in common is computed here.
    /// </summary>
    void BeginStep(int[] group)
    {
    }

    /// <summary>The passes without gradients that <see cref="BeginStep"/> runs for the examples of all ranks.</summary>
    ForwardDemand ForwardsBefore(int[] group) => ForwardDemand.None;

    /// <summary>Lays out one of those passes.</summary>
    /// <param name="group">The step's examples, of all ranks.</param>
    /// <param name="pass">Which of <see cref="ForwardDemand.PassRows"/>.</param>
    BatchRows BuildForward(int[] group, int pass) => throw new InvalidOperationException("There are no passes before a step's own.");

    /// <summary>What is told of sums of <see cref="MetricNames"/> over some steps.</summary>
    /// <param name="sums">The sums, over all ranks.</param>
    /// <param name="weight">The steps' <see cref="Weight"/>.</param>
    IReadOnlyDictionary<string, double> Averages(ReadOnlySpan<double> sums, double weight)
    {
        OrderedDictionary<string, double> averages = [];
        for (int i = 0; i < MetricNames.Count; i++)
            averages[MetricNames[i]] = sums[i] / weight;
        return averages;
    }

    /// <summary>Where an example comes from, for messages.</summary>
    string Describe(int example);
}
