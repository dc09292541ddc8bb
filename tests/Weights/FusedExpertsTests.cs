using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class FusedExpertsTests
{
    private const string Prefix = "model.layers.0.mlp.experts.";

    [Fact]
    public void Load_FusedExperts_GivesTheSameParametersAsSingleOnes()
    {
        using IWeightSource single = WeightFile.Open(TestFiles.Golden("model-moe", "top2", "state_dict.safetensors"));
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = single.Tensors.ToDictionary(pair => pair.Key, pair => zeros(pair.Value.Shape));
        foreach ((string name, Tensor tensor) in tensors)
            single.Tensors[name].CopyTo(tensor);
        Dictionary<string, Tensor> fused = tensors.Where(pair => !pair.Key.Contains(".experts.")).ToDictionary();
        for (int layer = 0; layer < 2; layer++)
        {
            string prefix = $"model.layers.{layer}.mlp.experts.";
            Tensor Stack(string part) => stack(Enumerable.Range(0, 4).Select(i => tensors[$"{prefix}{i}.{part}.weight"]));
            fused[prefix + "gate_up_proj"] = cat([Stack("gate_proj"), Stack("up_proj")], 1); // (4, 2 * width, hidden), as MiniMind's converter joins them
            fused[prefix + "down_proj"] = Stack("down_proj"); // (4, hidden, width)
        }
        using TemporaryFolder folder = new();
        using (FileStream stream = File.Create(folder.File("model.safetensors")))
            SafetensorsWriter.Write(stream, fused, WeightPrecision.Float32);
        using IWeightSource source = WeightFile.Open(folder.File("model.safetensors"));
        Dictionary<string, Tensor> loaded = tensors.Where(pair => pair.Key != StateDictNames.Head)
            .ToDictionary(pair => pair.Key, pair => zeros_like(pair.Value));

        StateDictLoader.Load(source, loaded, tied: true);

        foreach ((string name, Tensor tensor) in loaded)
            tensor.SameAs(tensors[name]).Should().BeTrue(name);
    }

    [Fact]
    public void Split_FusedAndSingleOfOneExpert_Throws()
    {
        using IWeightSource source = Source("down_proj", [2, 4, 3], "0.down_proj.weight", [4, 3]);

        FluentActions.Invoking(() => FusedExperts.Split(source)).Should().Throw<WeightFileException>().WithMessage("*0.down_proj.weight' is there both*");
    }

    [Theory]
    [InlineData("gate_up_proj", new long[] { 2, 5, 3 })]
    [InlineData("gate_up_proj", new long[] { 6, 3 })]
    [InlineData("down_proj", new long[] { 6 })]
    [InlineData("down_proj", new long[] { 100_000, 1, 1 })]
    public void Split_WrongShape_IsLeftForTheLoaderToRefuse(string name, long[] shape)
    {
        using IWeightSource source = Source(name, shape, "other", [1]);

        FusedExperts.Split(source).Keys.Should().BeEquivalentTo(Prefix + name, Prefix + "other");
    }

    private static IWeightSource Source(string first, long[] firstShape, string second, long[] secondShape)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Tensor one = zeros(firstShape), two = zeros(secondShape);
        try
        {
            using (FileStream stream = File.Create(path))
                SafetensorsWriter.Write(stream, [new(Prefix + first, one), new(Prefix + second, two)], WeightPrecision.Float32);
            return WeightFile.Open(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
