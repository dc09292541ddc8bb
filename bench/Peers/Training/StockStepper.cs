using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>The step of MiniMind's train_dpo.py on TorchSharp's own operations: reference, policy, loss, backward, clip, AdamW.</summary>
internal sealed class StockStepper : IStepper
{
    private readonly RunFile _run;
    private readonly Dictionary<string, Tensor> _policy, _reference;
    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;
    private readonly bool _means;

    /// <summary>Starts.</summary>
    /// <param name="run">What is trained.</param>
    /// <param name="policy">Its start weights; taken over.</param>
    /// <param name="reference">The reference's; taken over.</param>
    /// <param name="means">Whether log-probabilities are averaged, as they are not in today's script.</param>
    public StockStepper(RunFile run, Dictionary<string, Tensor> policy, Dictionary<string, Tensor> reference, bool means = false)
    {
        (_run, _reference, _means) = (run, reference, means);
        _parameters = [.. policy.Values.Select(values => nn.Parameter(values, requires_grad: true))];
        _policy = policy.Keys.Zip(_parameters).ToDictionary(entry => entry.First, entry => (Tensor)entry.Second);
        _optimizer = optim.AdamW(_parameters, run.LearningRate, weight_decay: 0.01);
    }

    /// <inheritdoc />
    public double Step(int[] pairs) => Step(pairs, _run.LearningRate).Loss;

    /// <summary>Takes a step at a learning rate, and gives the loss and the load-balancing loss in it.</summary>
    public (double Loss, double Balance) Step(int[] pairs, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _optimizer.ParamGroups)
            group.LearningRate = learningRate;
        Side[] sides = [.. pairs.Select(i => _run.Pairs[i].Chosen), .. pairs.Select(i => _run.Pairs[i].Rejected)];
        Tensor ids = Padded(sides, side => side.Ids), labels = Padded(sides, side => side.Labels); // (S, T) each
        Tensor mask = Padded(sides, side => side.Mask).to(ScalarType.Float32); // (S, T)
        Tensor Sums(Tensor logProbs)
        {
            Tensor sums = (logProbs * mask).sum(1); // (S)
            return _means ? sums / mask.sum(1) : sums;
        }
        Tensor theirs;
        using (no_grad())
            theirs = Sums(new StockDecoder(_run.Shape, _reference, _run.Bf16).LogProbs(ids, labels, training: false).LogProbs); // (S)
        (Tensor logProbs, Tensor balance) = new StockDecoder(_run.Shape, _policy, _run.Bf16).LogProbs(ids, labels, training: true);
        Tensor above = Sums(logProbs) - theirs; // (S)
        int B = pairs.Length;
        Tensor loss = nn.functional.logsigmoid((above.narrow(0, 0, B) - above.narrow(0, B, B)).Mul(_run.Beta)).mean().neg() + balance;
        loss.backward();
        nn.utils.clip_grad_norm_(_parameters, 1.0);
        _optimizer.step();
        _optimizer.zero_grad();
        return (loss.item<float>(), balance.item<float>());
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (Tensor tensor in _parameters.Concat(_reference.Values))
            tensor.Dispose();
    }

    private Tensor Padded(Side[] sides, Func<Side, int[]> values) =>
        tensor(sides.SelectMany(side => values(side).Select(value => (long)value).Concat(new long[_run.Length - side.Ids.Length])).ToArray())
            .view(sides.Length, _run.Length); // (S, T)
}
