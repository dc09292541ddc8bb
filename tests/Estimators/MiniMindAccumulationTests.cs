using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>The parity preset against the loop of train_dpo.py, written out here with TorchSharp's own optimizer, clipping and autograd.</summary>
public sealed class MiniMindAccumulationTests
{
    private const int BatchSize = 4, Epochs = 2, Length = 40;
    private const double LearningRate = 3e-4, Beta = 0.3;
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(40, 4)] // ten batches an epoch: groups of 4, 4 and an unfinished 2
    [InlineData(38, 4)] // the last batch has two pairs
    [InlineData(46, 4)] // twelve batches, none unfinished, the last of two pairs
    [InlineData(9, 4)] // one unfinished group, its last batch a single pair
    [InlineData(38, 1)]
    public void Fit_MiniMindPreset_GivesTheWeightsOfItsLoop(int pairs, int accumulation)
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = SmallModel.Create();
        DpoTrainer.Options preset = DpoTrainer.Options.MiniMind(
            model, Epochs, BatchSize, LearningRate, Length + 1, Beta) with
        { AccumulationSteps = accumulation, Device = ComputeDevice.Cpu, LogInterval = 1 };

        (Tensor expected, List<double> rates) = Reference(model.Network.Network, RandomPairs.Make(pairs, 1024, seed: 3), accumulation);
        (Tensor actual, double[] ourRates) = Fit(preset, pairs);
        (Tensor byDefault, _) = Fit(preset with { Accumulation = AccumulationRule.PerExample }, pairs);

        TensorAssertions.RelativeDistance(actual, expected).Should().BeLessThan(1e-5);
        ourRates.Should().HaveSameCount(rates);
        for (int step = 0; step < rates.Count; step++)
            ourRates[step].Should().BeApproximately(rates[step], 1e-15, $"that is the learning rate of step {step + 1}");
        if (accumulation == 1)
        {
            TensorAssertions.RelativeDistance(byDefault, actual).Should().Be(0, "a step of one batch is the same by both rules");
        }
        else
        {
            TensorAssertions.RelativeDistance(byDefault, expected).Should()
                .BeGreaterThan(1e-4, "the rules must differ for the comparison to be worth something");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Fit_BatchesCutIntoPasses_WeighAsWhole(int rowsPerPass)
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = SmallModel.Create();
        DpoTrainer.Options preset = DpoTrainer.Options.MiniMind(
            model, Epochs, BatchSize, LearningRate, Length + 1, Beta) with
        { AccumulationSteps = 4, Device = ComputeDevice.Cpu };

        (Tensor whole, _) = Fit(preset, 38);
        (Tensor cut, _) = Fit(preset with { MaxRowsPerPass = rowsPerPass * 2 * Length }, 38);

        TensorAssertions.RelativeDistance(cut, whole).Should().BeLessThan(1e-5, "how a batch is cut for memory must not change what it weighs");
    }

    private (Tensor Weights, double[] Rates) Fit(DpoTrainer.Options options, int pairs)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(SmallModel.Pairs(_context, pairs, seed: 3));
        using PretrainedModel policy = trained.AsModel();
        return (Flat(policy.Network.Network), [.. trained.TrainingSummary.History.Select(point => point.LearningRate)]);
    }

    /// <summary>
    /// Batches of the epoch's permutation; the learning rate by batch; each batch's mean loss over the accumulation steps; a step after every so many
    /// batches, and after the last.
    /// </summary>
    private static (Tensor Weights, List<double> Rates) Reference(MiniMindNetwork start, IReadOnlyList<PreferenceExample> pairs, int accumulation)
    {
        using MiniMindNetwork policy = start.Clone(CPU), reference = start.Clone(CPU);
        TorchSharp.Modules.AdamW optimizer = optim.AdamW(policy.parameters(), LearningRate, weight_decay: 0.01);
        int iterations = (pairs.Count + BatchSize - 1) / BatchSize;
        List<double> rates = [];
        double rate = 0;
        void Step()
        {
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0);
            optimizer.step();
            optimizer.zero_grad();
            rates.Add(rate);
        }
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            using Generator random = new((ulong)(42 + epoch), CPU);
            long[][] batches = [.. randperm(pairs.Count, generator: random).data<long>().ToArray().Chunk(BatchSize)];
            for (int step = 1; step <= iterations; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                rate = LearningRate * (0.1 + 0.45 * (1 + Math.Cos(Math.PI * (epoch * iterations + step) / (Epochs * iterations))));
                foreach (optim.ILearningRateController? group in optimizer.ParamGroups)
                    group.LearningRate = rate;
                PreferenceExample[] batch = [.. batches[step - 1].Select(i => pairs[(int)i])];
                (Loss(policy, reference, batch) / accumulation).backward();
                if (step % accumulation == 0)
                    Step();
            }
            if (iterations % accumulation != 0)
                Step();
        }
        optimizer.Dispose();
        return (Flat(policy), rates);
    }

    private static Tensor Loss(MiniMindNetwork policy, MiniMindNetwork reference, PreferenceExample[] batch)
    {
        Response[] sides = [.. batch.Select(pair => pair.Chosen), .. batch.Select(pair => pair.Rejected)];
        Tensor Padded(Func<Response, IEnumerable<long>> values) =>
            tensor(sides.SelectMany(side => values(side).Concat(new long[Length - side.InputIds.Length])).ToArray()).view(sides.Length, Length);
        Tensor ids = Padded(side => side.InputIds.Select(id => (long)id)), labels = Padded(side => side.Labels.Select(id => (long)id)); // (2B, T)
        Tensor mask = Padded(side => side.LossMask.Select(counted => (long)counted)).to(ScalarType.Float32); // (2B, T)
        Tensor Sums(MiniMindNetwork network)
        {
            // (2B, T, V)
            Tensor logits = network.Logits(network.Forward(ids.flatten(), new RectangularLayout(sides.Length, Length, CPU), training: true).Hidden).view(
                sides.Length, Length, -1);
            return (logits.log_softmax(2).gather(2, labels.unsqueeze(2)).squeeze(2) * mask).sum(1); // (2B)
        }
        Tensor ours = Sums(policy), theirs;
        using (no_grad())
            theirs = Sums(reference);
        long B = batch.Length;
        Tensor logits = (ours.narrow(0, 0, B) - ours.narrow(0, B, B)) - (theirs.narrow(0, 0, B) - theirs.narrow(0, B, B)); // (B)
        return nn.functional.logsigmoid(logits * Beta).neg().mean();
    }

    private static Tensor Flat(MiniMindNetwork network) => cat([.. network.named_parameters().Select(p => p.parameter.detach().flatten())]);
}
