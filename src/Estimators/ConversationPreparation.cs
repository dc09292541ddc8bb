using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>One conversation through template, tokenizer, response mask and shift, as the transforms do it column by column. Thread-safe.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="template">The template.</param>
/// <param name="maxLength">The most tokens that are kept.</param>
/// <param name="controlTokens">What becomes of control tokens that contents spell.</param>
internal sealed class ConversationPreparation(HuggingFaceTokenizer tokenizer, ChatTemplate template, int maxLength, ControlTokenPolicy controlTokens)
{
    private readonly ConversationText _text = new(template.WithTokens(tokenizer), controlTokens);

    private readonly ResponseSpanRule _rule = ResponseSpanRule.For(tokenizer, (messages, addGenerationPrompt) =>
    {
        try
        {
            return template.RenderWithSpans(messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt });
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    });

    /// <summary>The response of a JSON message list.</summary>
    public Response Of(string conversation)
    {
        ConversationMessages messages = ConversationMessages.Read(conversation);
        string text = _text.Render(messages.MessagesJson, new ChatTemplateOptions { ToolsJson = messages.ToolsJson });
        int[] ids = Truncation.Cut(tokenizer.EncodeRendered(text), maxLength, TruncationPolicy.KeepStart).ToArray();
        float[] mask = new float[ids.Length];
        _rule.Mask(ids, mask);
        return new Response(
            NextTokenShift.InputIds(ids).ToArray(), NextTokenShift.Labels(ids).ToArray(), [.. NextTokenShift.LossMask(mask).ToArray().Select(m => (byte)m)]);
    }
}
