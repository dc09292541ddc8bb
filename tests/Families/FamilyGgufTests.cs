using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>llama.cpp on our own GGUF files of the families: a third opinion, beside scalar loops.</summary>
public sealed class FamilyGgufTests(ITestOutputHelper output) : IDisposable
{
    private const int Greedy = 24;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Qwen3", "qwen3")]
    [InlineData("Qwen3-MoE", "qwen3moe")]
    [InlineData("MiniMind3", "qwen3")]
    [InlineData("MiniMind3-MoE", "qwen3moe")]
    [InlineData("Qwen2.5", "qwen2")]
    [InlineData("Llama 3.2", "llama")]
    [InlineData("SmolLM2", "llama")]
    [InlineData("SmolLM3", "smollm3")]
    [InlineData("MiniMind2", "llama")]
    [InlineData("Mistral without window", "llama")]
    [InlineData("Gemma 3", "gemma3")]
    [InlineData("Phi-4-mini", "phi3")]
    public void SaveGguf_Family_AnswersInLlamaCppAsHere(string name, string architecture)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
        int[][] prompts = [[1, 700, 33, 5, 9], [.. Enumerable.Range(200, 60)]];
        foreach (GgufType type in (GgufType[])[GgufType.F32, GgufType.Q8_0])
            model.SaveGguf(_folder.File($"{type}.gguf"), type);

        LlamaAnswer[] answers = LlamaRuntime.Ask(
            new LlamaQuestion(_folder.File("F32.gguf")) { Prompts = prompts, Greedy = Greedy, Logits = true },
                new LlamaQuestion(_folder.File("Q8_0.gguf")) { Prompts = prompts, Logits = true });

        float[][] logits = [.. prompts.Select(prompt => OurAnswer.Logits(model, prompt))];
        answers.Select(answer => answer.Failure).Should().OnlyContain(failure => failure == null);
        answers[0].Metadata["general.architecture"].Should().Be(architecture);
        double difference = answers[0].Differences(logits, model.Config.VocabularySize).Max();
        double[] roundings = [.. answers[1].Differences(logits, model.Config.VocabularySize).Order()];
        // where two experts are as likely, rounding chooses the other one, and that position's logits are others
        double rounded = model.Config.Experts is null ? roundings[^1] : roundings[roundings.Length / 2];
        output.WriteLine($"{name} as {architecture}: logits up to {logits.Max(row => row.Max(Math.Abs)):F2},"
            + $" off by at most {difference:E2} in F32 and {rounded:E2} in Q8_0");
        difference.Should().BeLessThan(1e-2);
        rounded.Should().BeLessThan(1);
        for (int i = 0; i < prompts.Length; i++)
            answers[0].Continuations[i].Should().Equal(OurAnswer.Greedy(model, prompts[i], Greedy));
    }

    [Theory]
    [InlineData("Mistral", "*no window for llama, and sliding_window 11 is less than max_position_embeddings 512*")]
    [InlineData("Phi-3", "*no window for phi3, and sliding_window 13*")]
    [InlineData("Gemma 3 large", "*query_pre_attn_scalar is 21*32 for 7 layers*")]
    [InlineData("MiniMind2-MoE", "*n_shared_experts*")]
    public void SaveGguf_PartThatRuntimesComputeOtherwise_IsRefused(string name, string message)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);

        model.Invoking(m => m.SaveGguf(_folder.File("model.gguf"), GgufType.F32)).Should().Throw<NotSupportedException>().WithMessage(message);
    }
}
