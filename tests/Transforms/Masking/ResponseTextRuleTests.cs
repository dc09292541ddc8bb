using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

public sealed class ResponseTextRuleTests
{
    private const string First = "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nhello world<|im_end|>\n";

    [Theory]
    [InlineData("", new[] { true })]
    [InlineData(" <|im_end|>\n", new[] { true })] // white space and added tokens are no message
    [InlineData("<|im_start|>user\nworld<|im_end|>\n", new[] { false })]
    [InlineData("<|im_start|>assistant\nworld", new[] { false, true })] // without an end, up to the end
    [InlineData("<|im_start|>assistant\n", new[] { false })] // nothing is there
    public void Mask_Answers_AreToldWithWhetherMoreFollows(string rest, bool[] expected)
    {
        ResponseTextRule rule = new(SmallChat.Tokenizer, "<|im_start|>assistant\n", "<|im_end|>");
        int[] ids = SmallChat.Tokenizer.Encode(First + rest);
        float[] mask = new float[ids.Length];
        List<MaskedAnswer> answers = [];

        rule.Mask(ids, mask, answers);

        answers.Select(answer => answer.IsLast).Should().Equal(expected);
        SmallChat.Tokenizer.Decode(ids.AsSpan(answers[0].Start..answers[0].End)).Should().Be("hello world<|im_end|>");
        for (int i = 0; i < ids.Length; i++)
            (mask[i] == 1).Should().Be(answers.Exists(answer => i >= answer.Start && i < answer.End), $"token {i}");
    }
}
