using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>An embedding, a norm and a layer with odd sizes, the embedding used twice (tied) and one row of it never.</summary>
internal sealed class TinyModule : nn.Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly LayerNorm _norm;
    private readonly Linear _linear;

    public TinyModule() : base("tiny")
    {
        _embedding = nn.Embedding(6, 5);
        _norm = nn.LayerNorm(5);
        _linear = nn.Linear(5, 5);
        register_module("embedding", _embedding);
        register_module("norm", _norm);
        register_module("linear", _linear);

        Random random = new(3);
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            foreach (Parameter parameter in parameters())
                parameter.copy_(tensor(Enumerable.Range(0, (int)parameter.numel()).Select(_ => random.NextSingle() - 0.5f).ToArray(), parameter.shape));
        }
    }

    public FlatParameters Flatten() => new(named_parameters().Select(entry => (entry.name, entry.parameter)));

    /// <summary>A loss of fixed inputs, in the caller's scope.</summary>
    public Tensor Loss() => forward(tensor(new long[] { 0, 1, 2, 3, 4, 1 })).square().mean();

    public override Tensor forward(Tensor input) =>
        nn.functional.linear(_linear.forward(_norm.forward(_embedding.forward(input))), _embedding.weight!); // (6, 6)
}
