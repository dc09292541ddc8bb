using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>Counts the rows that come into a network's embedding.</summary>
internal sealed class RowCount
{
    private readonly List<int> _passes = [];

    public RowCount(MiniMindNetwork network) => ((nn.Module<Tensor, Tensor>)network.named_modules()
        .Single(m => m.name == "model.embed_tokens").module).register_forward_pre_hook((_, ids) =>
    {
        _passes.Add((int)ids.shape[0]);
        return ids;
    });

    public int Rows => _passes.Sum();

    /// <summary>The rows of each forward pass.</summary>
    public IReadOnlyList<int> Passes => _passes;

    public void Reset() => _passes.Clear();
}
