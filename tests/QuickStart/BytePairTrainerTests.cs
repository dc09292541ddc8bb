using MakeQuickStart.Bpe;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class BytePairTrainerTests
{
    private const int Bytes = 256;

    [Fact]
    public void Train_FrequentPairs_AreMergedFirst()
    {
        // "low" 5 times and "lowest" twice: l+o and o+w are in all 7; the smaller ids win the tie; then lo+w; then e+s (before s+t by ids).
        Vocabulary vocabulary = BytePairTrainer.Train([.. Enumerable.Repeat("low", 5), "lowest", "lowest"], ["<end>"], 1 + Bytes + 3);

        vocabulary.Merges.Should().Equal(("l", "o"), ("lo", "w"), ("e", "s"));
        vocabulary.Tokens.TakeLast(3).Should().Equal("lo", "low", "es");
    }

    [Fact]
    public void Train_Words_AreNotMergedAcross()
    {
        Vocabulary vocabulary = BytePairTrainer.Train(["a b a b a b"], [], Bytes + 2);

        vocabulary.Merges.Should().Equal(("Ġ", "b"), ("Ġ", "a"));
    }

    [Fact]
    public void Train_Tokens_BeginWithSpecialTokensAndEveryByte()
    {
        Vocabulary vocabulary = BytePairTrainer.Train(["aa"], ["<pad>", "<begin>"], 2 + Bytes + 1);

        vocabulary.Tokens.Take(2).Should().Equal("<pad>", "<begin>");
        vocabulary.Tokens.Skip(2).Take(Bytes).Should().OnlyHaveUniqueItems().And.OnlyContain(token => token.Length == 1);
        vocabulary.Tokens[^1].Should().Be("aa");
    }

    [Fact]
    public void Train_OverlappingPairs_MergeFromTheLeft()
    {
        Vocabulary vocabulary = BytePairTrainer.Train(["aaa"], [], Bytes + 2);

        vocabulary.Merges.Should().Equal(("a", "a"), ("aa", "a"));
    }

    [Fact]
    public void Train_TooLittleText_SaysHowFarItCame()
    {
        Action train = () => BytePairTrainer.Train(["ab"], [], Bytes + 2);

        train.Should().Throw<ArgumentException>().WithMessage("The texts are used up after 257 tokens; 258 were asked for.*");
    }
}
