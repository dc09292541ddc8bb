using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using MiniMind.MLNet.Dpo.Tests.Weights.Onnx;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>ONNX Runtime on our own ONNX files of the families.</summary>
public sealed class FamilyOnnxTests(ITestOutputHelper output) : IDisposable
{
    private const int Greedy = 24;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Families =>
        [.. FamilyCases.All.Where(one => !one.Config.Contains("longrope", StringComparison.Ordinal)).Select(one => one.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void SaveOnnx_Family_AnswersInOnnxRuntimeAsHere(string name)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
        int[][] prompts = [[1, 700, 33, 5, 9], [.. Enumerable.Range(200, 60)]];

        model.SaveOnnx(_folder.File("model.onnx"));

        using OnnxSession session = new(_folder.File("model.onnx"));
        foreach (int[] prompt in prompts)
        {
            float[] ours = OurAnswer.Logits(model, prompt), theirs = session.Logits([prompt]);
            theirs.Should().HaveCount(ours.Length);
            double difference = ours.Zip(theirs, (a, b) => Math.Abs((double)a - b)).Max();
            output.WriteLine($"{name}: logits up to {ours.Max(Math.Abs):F2}, off by at most {difference:E2}");
            difference.Should().BeLessThan(1e-3);
            session.Greedy(prompt, Greedy).Should().Equal(OurAnswer.Greedy(model, prompt, Greedy));
        }
    }

    [Fact]
    public void SaveOnnx_LongRope_IsRefused()
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Phi4Mini);
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.Invoking(m => m.SaveOnnx(_folder.File("model.onnx"))).Should().Throw<NotSupportedException>().WithMessage("*LongRoPE*");
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
    }
}
