using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

public sealed class RuntimeVocabularyTests
{
    [Fact]
    public void Of_TokenizerOverCharacters_IsAnObstacle() =>
        RuntimeVocabulary.Of(SmallSentencePiece.With("prepend"), 400).Obstacles.Should().ContainSingle(obstacle => obstacle.Contains("not byte-level BPE"));

    [Theory]
    [InlineData("NFC", 0)]
    [InlineData("NFKC", 1)]
    [InlineData("Lowercase", 1)]
    public void Of_Normalizer_IsAnObstacleWhereItIsNotNfc(string type, int obstacles)
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = type };
        RuntimeVocabulary.Of(SmallTokenizer.Parse(json), 400).Obstacles.Where(obstacle => obstacle.Contains("normalizer")).Should().HaveCount(obstacles);
    }
}
