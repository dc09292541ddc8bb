using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

public sealed class HeaderPatternRuleTests
{
    [SkippableTheory]
    [InlineData("expected_256_kept.jsonl")]
    [InlineData("expected_256_removed.jsonl")]
    [InlineData("expected_1024_kept.jsonl")]
    [InlineData("expected_1024_removed.jsonl")]
    [InlineData("sweep.jsonl")]
    public void Mask_ReferenceRows_AreTheReferences(string file)
    {
        using JsonDocument patterns = JsonDocument.Parse(File.ReadAllText(TestFiles.Shared("goldens", "dataset", "ids.json")));
        int[] header = Ints(patterns.RootElement, "bos_id"), end = Ints(patterns.RootElement, "eos_id");
        foreach (string line in File.ReadLines(TestFiles.Shared("goldens", "dataset", file)))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            HeaderPatternRule rule = new(header, end, row.RootElement.GetProperty("max_length").GetInt32());
            foreach (string side in (string[])["chosen", "rejected"])
            {
                int[] inputs = Ints(row.RootElement, "x_" + side), labels = Ints(row.RootElement, "y_" + side);
                // the row as it was before the shift; of one token nothing is left
                int[] ids = inputs.Length == 0 ? [1] : [.. inputs, labels[^1]];
                float[] mask = new float[ids.Length];
                rule.Mask(ids, mask);
                string because = $"row {row.RootElement.GetProperty("id")}, {side}, of {file}";
                NextTokenShift.InputIds(ids).ToArray().Should().Equal(inputs, because);
                NextTokenShift.Labels(ids).ToArray().Should().Equal(labels, because);
                NextTokenShift.LossMask(mask).ToArray().Should().Equal(Ints(row.RootElement, "mask_" + side).Select(item => (float)item), because);
            }
        }
    }

    [SkippableFact]
    public void For_MiniMindsTokenizer_MakesTheReferencesPatterns()
    {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(TestFiles.Shared("fetched", "minimind-tokenizer"));
        int[] ids = tokenizer.Encode("<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n");
        float[] mask = new float[ids.Length];
        HeaderPatternRule.For(tokenizer, 64).Mask(ids, mask);
        Masked(tokenizer, ids, mask).Should().Be("Yes.<|im_end|>\n");
    }

    [Theory]
    [InlineData(new[] { 7, 8, 1, 2, 9, 3 }, new[] { 0, 0, 1, 1, 1, 0 }, "a header opens, an end closes and is in the mask")]
    [InlineData(new[] { 7, 8, 1, 2, 3 }, new[] { 0, 0, 1, 1, 1 }, "a span without an end runs to the end")]
    [InlineData(new[] { 7, 8, 9, 7, 8, 4, 9 }, new[] { 0, 0, 1, 0, 0, 1, 1 }, "every turn counts")]
    [InlineData(new[] { 7, 7, 8, 1, 9 }, new[] { 0, 0, 0, 1, 1 }, "a header may start within a broken one")]
    [InlineData(new[] { 7, 8, 1, 1, 1, 1, 1, 1 }, new[] { 0, 0, 1, 1, 1, 1, 1, 0 }, "the maximum length is 7")]
    [InlineData(new[] { 7, 8 }, new[] { 0, 0 }, "nothing follows the header")]
    [InlineData(new int[0], new int[0], "nothing is there")]
    public void Mask_SmallSequences_FollowsTheRule(int[] ids, int[] expected, string because)
    {
        float[] mask = [.. ids.Select(_ => float.NaN)];
        new HeaderPatternRule(header: [7, 8], end: [9], maxLength: 7).Mask(ids, mask);
        mask.Should().Equal(expected.Select(item => (float)item), because);
    }

    private static string Masked(HuggingFaceTokenizer tokenizer, int[] ids, float[] mask) =>
        tokenizer.Decode([.. ids.Where((_, i) => mask[i] == 1)]);

    private static int[] Ints(JsonElement row, string key) => [.. row.GetProperty(key).EnumerateArray().Select(item => item.GetInt32())];
}
