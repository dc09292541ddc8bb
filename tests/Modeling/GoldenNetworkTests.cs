using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

public sealed class GoldenNetworkTests
{
    private const double Tolerance = 1e-4; // the goldens' own: fp32 sums in another order

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string folder in new[] { "model-dense/tiny", "model-dense/yarn", "model-moe/top1", "model-moe/top2" })
        {
            foreach (string name in new[] { "b1t1", "b2t9", "b3t33", "b1t160" })
                cases.Add(folder, name);
        }
        return cases;
    }

    public static TheoryData<string> Folders() => ["model-dense/tiny", "model-dense/yarn", "model-moe/top1", "model-moe/top2"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_GoldenBatch_GivesTheReferencesLogitsAndLogProbs(string folder, string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden(folder));
        GoldenTensors expected = new(TestFiles.Golden(folder, "expected.safetensors"));
        Tensor ids = expected[$"{name}.input_ids"];
        long B = ids.shape[0], T = ids.shape[1];

        NetworkOutput output = network.Forward(ids.flatten(), new RectangularLayout(B, T, CPU));
        Tensor logits = network.Logits(output.Hidden).view(B, T, -1);

        if (expected.Has($"{name}.logits"))
            logits.ShouldBeCloseTo(expected[$"{name}.logits"], Tolerance);
        else
            logits[.., -1].ShouldBeCloseTo(expected[$"{name}.logits_last"], Tolerance);
        logits.log_softmax(-1).gather(2, expected[$"{name}.labels"].unsqueeze(2)).squeeze(2).ShouldBeCloseTo(expected[$"{name}.log_probs"], Tolerance);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Forward_PaddedBatchWithMask_GivesTheReferencesLogits(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden(folder));
        GoldenTensors expected = new(TestFiles.Golden(folder, "expected.safetensors"));
        Tensor ids = expected["mask.input_ids"];
        Tensor Logits(string mask) =>
            network.Logits(network.Forward(ids.flatten(), new RectangularLayout(2, 12, CPU, expected[mask])).Hidden).view(2, 12, -1);

        Tensor left = Logits("mask.attention_mask"), right = Logits("rmask.attention_mask");

        left[0, 5..].ShouldBeCloseTo(expected["mask.logits_row0_from5"], Tolerance);
        left[1].ShouldBeCloseTo(expected["mask.logits_row1"], Tolerance);
        right[0].ShouldBeCloseTo(expected["rmask.logits_row0"], Tolerance);
        right[1, ..8].ShouldBeCloseTo(expected["rmask.logits_row1_to8"], Tolerance);
    }

    [Theory]
    [InlineData("model-moe/top1")]
    [InlineData("model-moe/top2")]
    public void Forward_Experts_ChoosesAndBalancesAsTheReference(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden(folder));
        GoldenTensors expected = new(TestFiles.Golden(folder, "expected.safetensors"));
        using System.Text.Json.JsonDocument numbers = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden(folder, "expected.json")));
        foreach (string name in new[] { "b1t1", "b2t9", "b3t33", "b1t160" })
        {
            Tensor ids = expected[$"{name}.input_ids"];
            List<RouterChoice> trace = [];
            NetworkOutput output = network.Forward(ids.flatten(), new RectangularLayout(ids.shape[0], ids.shape[1], CPU), training: true, routerTrace: trace);

            output.AuxiliaryLoss!.item<float>().Should().BeApproximately(
                numbers.RootElement.GetProperty("cases").GetProperty(name).GetProperty("aux_loss_train").GetSingle(), 1e-6f);
            for (int layer = 0; layer < trace.Count; layer++)
            {
                trace[layer].Probabilities.ShouldBeCloseTo(expected[$"{name}.router_probs.{layer}"], Tolerance);
                trace[layer].Experts.sort(-1).Values.data<long>().ToArray().Should().Equal(expected[$"{name}.topk_idx_sorted.{layer}"].data<long>().ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void RotaryEmbedding_GoldenPositions_GivesTheReferencesTables(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        GoldenTensors expected = new(TestFiles.Golden(folder, "expected.safetensors"));
        using RotaryEmbedding rotary = new(GoldenModels.Config(TestFiles.Golden(folder)));
        Tensor positions = expected["rope.positions"];

        (Tensor cosines, Tensor sines) = rotary.At(positions, positions.max().item<long>() + 1);

        cosines.squeeze(1).ShouldBeCloseTo(expected["rope.cos"], 1e-5);
        long half = sines.shape[2] / 2;
        cat([-sines[.., 0, ..(int)half], sines[.., 0, (int)half..]], -1).ShouldBeCloseTo(expected["rope.sin"], 1e-5);
    }

    [Theory]
    [InlineData("model-dense/yarn")]
    [InlineData("model-moe/top2")]
    public void NamedParameters_GoldenModel_AreExactlyTheReferencesStateDict(string folder)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden(folder)));
        GoldenTensors reference = new(TestFiles.Golden(folder, "state_dict.safetensors"));

        Dictionary<string, long[]> ours = network.named_parameters().ToDictionary(p => p.name, p => p.parameter.shape);

        ours.Keys.Should().BeEquivalentTo(reference.Names.Where(n => n != "lm_head.weight"), "a tied head has no parameter of its own");
        foreach ((string name, long[] shape) in ours)
            shape.Should().Equal(reference.Shape(name), name);
        network.state_dict().Keys.Should().BeEquivalentTo(ours.Keys, "no table or cache may slip into the state dict");
    }
}
