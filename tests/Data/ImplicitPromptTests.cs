using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

public class ImplicitPromptTests
{
    [Theory]
    [InlineData("The sky is| blue.", "The sky is| green.")]
    [InlineData("The sky is| blue.", "The sky is| black.")]
    [InlineData("Sky?\n\n|Blue.", "Sky?\n\n|Grey.")]
    [InlineData("Count  | 2", "Count  | 3")]
    [InlineData("It is| 12.", "It is| 13.")]
    [InlineData("It is| 3.14", "It is| 3.15")]
    [InlineData("It is| 1,000", "It is| 1,500")]
    [InlineData("Answer:|42", "Answer:|43")]
    [InlineData("I| don't", "I| don")]
    [InlineData("I| don't", "I| don'ts")]
    [InlineData("I| don’t", "I| don’d")]
    [InlineData("a| well-known man", "a| well-read man")]
    [InlineData("open| file.txt", "open| file.md")]
    [InlineData("call| f_a", "call| f_b")]
    [InlineData("wait| ...", "wait| ..!")]
    [InlineData("hi| <|im_end|>", "hi| <|im_start|>")]
    [InlineData("so| (blue)", "so| (green)")]
    [InlineData("it costs| $5", "it costs| $6")]
    [InlineData("sky?|Blue", "sky?|Grey")]
    [InlineData("天气|「好」", "天气|「坏」")]
    [InlineData("he said:| “yes”", "he said:| “no”")]
    [InlineData("cafe| e\u0301", "cafe| e\u0300")]
    [InlineData("look| 👍🏽", "look| 👍🏿")]
    [InlineData("look| 👩‍👩‍👧", "look| 👩‍👩‍👦")]
    [InlineData("look| 😀", "look| 😁")]
    [InlineData("flag| 🇩🇪", "flag| 🇩🇰")]
    [InlineData("天气怎么样？|很好", "天气怎么样？|不好")]
    [InlineData("天|气好", "天|色好")]
    [InlineData("天气|abc", "天气|xyz")]
    [InlineData("用|C写", "用|Go写")]
    [InlineData("私は|食べる", "私は|食べた")]
    [InlineData("하늘은| 파란색", "하늘은| 파랑")]
    [InlineData("line\r\n|a", "line\r\n|b")]
    [InlineData("The sky is blue|.", "The sky is blue|, sometimes.")]
    [InlineData("𠀀|𠀁", "𠀀|𠀂")]
    public void Length_CommonBeginning_EndsBetweenWords(string chosen, string rejected)
    {
        int expected = chosen.IndexOf('|', StringComparison.Ordinal);
        chosen = chosen.Remove(expected, 1);
        rejected = rejected.Remove(rejected.IndexOf('|', StringComparison.Ordinal), 1);
        ImplicitPrompt.Length(chosen, rejected).Should().Be(expected);
        ImplicitPrompt.Length(rejected, chosen).Should().Be(expected, "the sides count the same");
    }

    [Theory]
    [InlineData("blue", "black")]
    [InlineData("", "black")]
    [InlineData("It", "Items")]
    [InlineData(" a", " b")]
    public void Length_NoCommonWord_IsZero(string chosen, string rejected) => ImplicitPrompt.Length(chosen, rejected).Should().Be(0);

    [Fact]
    public void Length_OneSideIsThePrompt_TakesItWhole() => ImplicitPrompt.Length("It is blue", "It is blue indeed").Should().Be(10);
}
