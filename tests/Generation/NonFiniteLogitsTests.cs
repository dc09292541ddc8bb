using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>A model whose logits are no numbers says so.</summary>
public class NonFiniteLogitsTests
{
    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, 0.8)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(float.NegativeInfinity, 0.8)]
    public async Task Chat_LogitsThatAreNotFinite_AreNamedWithTheirToken(float bad, double temperature)
    {
        int[] words = ScriptedChat.Ids("One rye loaf.");
        ScriptedModel model = new(words)
        {
            Logits = place =>
            {
                float[] logits = new float[1024];
                logits[words[place]] = 50;
                if (place == 2)
                    logits[700] = bad;
                return logits;
            },
        };
        using IChatClient client = ScriptedChat.Client(model, new GenerationOptions { Temperature = temperature });
        string text = "";

        await FluentActions.Awaiting(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello?"))
                text += update.Text;
        }).Should().ThrowAsync<NotFiniteNumberException>().WithMessage("*1 of 1024, the first for token id 700*at token 3 of the answer*check the file*");

        text.Should().Be(ScriptedChat.Tokenizer.Decode(words.AsSpan(0, 2)), "what came before is shown");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void Session_WeightsThatAreNotFinite_AreRefused(double temperature)
    {
        using PretrainedModel model = SmallModel.Create();
        Spoil(model.Network.Network);
        using GenerationSession session = new(model.Network.Network);

        FluentActions.Invoking(() => session.Generate([5, 6], new GenerationOptions { Temperature = temperature }, new HashSet<int>()).ToList())
            .Should().Throw<NotFiniteNumberException>().WithMessage("*1024 of 1024*token 1 of the answer*");
    }

    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e-60)]
    [InlineData(1e-300)]
    public void Sampler_TemperatureThatOverflows_IsGreedy(double temperature)
    {
        TokenSampler sampler = new(new GenerationOptions { Temperature = temperature });

        sampler.Next(new float[] { -3e9f, 2, 3e9f, 2.9e9f }, new HashSet<int>(), new Dictionary<int, int>()).Should().Be(2);
    }

    private static void Spoil(MiniMindNetwork network)
    {
        using IDisposable noGradient = torch.no_grad();
        (string _, Parameter parameter) = network.named_parameters().Last(p => p.name.EndsWith("norm.weight", StringComparison.Ordinal));
        using torch.Tensor nan = torch.tensor(new[] { float.NaN });
        parameter.copy_(nan.expand(parameter.shape));
    }
}
