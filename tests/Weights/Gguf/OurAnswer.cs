using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>What a model computes here, for comparison with what a runtime computes of its file.</summary>
internal static class OurAnswer
{
    /// <summary>The logits of every position, (positions * vocabulary).</summary>
    public static float[] Logits(PretrainedModel model, int[] ids)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        MiniMindNetwork network = model.Network.Network;
        Tensor hidden = network.Forward(tensor(ids.Select(id => (long)id).ToArray()), new RectangularLayout(1, ids.Length, CPU)).Hidden;
        return network.Logits(hidden).to(float32).data<float>().ToArray();
    }

    /// <summary>The likeliest tokens behind a row.</summary>
    public static int[] Greedy(PretrainedModel model, int[] prompt, int count)
    {
        List<int> ids = [.. prompt];
        while (ids.Count < prompt.Length + count)
        {
            float[] last = Logits(model, [.. ids])[^model.Config.VocabularySize..];
            ids.Add(Array.IndexOf(last, last.Max()));
        }
        return [.. ids.Skip(prompt.Length)];
    }
}
