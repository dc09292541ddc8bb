using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>One conversation through template, tokenizer, response mask and shift, as the transforms do it column by column. Thread-safe.</summary>
internal sealed class ConversationPreparation(HuggingFaceTokenizer tokenizer, ChatTemplate template, int maxLength)
{
    // a trained model is asked for what it knows, also one that was saved before its template was proven
    private readonly ResponseSpanRule _rule = new(tokenizer, new TurnMarkerFinder(tokenizer, (messages, addGenerationPrompt, tools) =>
        SafeRendering.Of(template, messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt, ToolsJson = tools })).FindUnproven());

    /// <summary>The response of a JSON message list.</summary>
    public Response Of(string conversation)
    {
        ConversationMessages messages = ConversationMessages.Read(conversation);
        string text = template.Render(messages.MessagesJson, new ChatTemplateOptions { ToolsJson = messages.ToolsJson });
        int[] ids = Truncation.Cut(tokenizer.Encode(text, addSpecialTokens: false), maxLength, TruncationPolicy.KeepStart).ToArray();
        float[] mask = new float[ids.Length];
        _rule.Mask(ids, mask);
        return new Response(
            NextTokenShift.InputIds(ids).ToArray(), NextTokenShift.Labels(ids).ToArray(), [.. NextTokenShift.LossMask(mask).ToArray().Select(m => (byte)m)]);
    }
}
