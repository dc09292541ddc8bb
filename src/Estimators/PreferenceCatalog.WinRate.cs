using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Judging;

namespace Microsoft.ML;

/// <content>Answers compared by a judge.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Lets a judge say how often the answers of one model are better than those of another.</summary>
    /// <param name="judge">Who judges: best a larger model of another family, since models prefer what they could have written. It stays the caller's.</param>
    /// <param name="prompts">The prompts, which neither of the models was trained on.</param>
    /// <param name="a">Whose wins are counted: a chat client, or answers that are there.</param>
    /// <param name="b">What it is compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <remarks>
    /// <para>Every pair is shown in both orders, at temperature 0. A wins where it is preferred both times, and so does B; where the judge disagrees with
    /// itself, it is a tie. A reply that fails or says no letter makes the pair invalid. It is counted and kept with its reason, and not asked again.</para>
    /// <para>The judge is sent the criteria, the prompt and both answers, and nothing that tells which model wrote which. What stands in them cannot leave its
    /// markers, but it can try to persuade; a judge is no guard.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">There is no prompt, the number of answers is another one, or the options are not valid.</exception>
    /// <exception cref="InvalidDataException">The file of replies holds something else.</exception>
    /// <exception cref="IOException">The file of replies cannot be opened or written.</exception>
    public WinRateResult WinRate(IChatClient judge, IReadOnlyList<string> prompts, AnswerSource a, AnswerSource b, WinRateOptions? options = null) =>
        Task.Run(() => WinRateAsync(judge, prompts, a, b, options)).GetAwaiter().GetResult(); // on no thread that could wait for this one

    /// <summary>Lets a judge compare two chat clients, which answer greedily; see the overload that takes sources.</summary>
    /// <param name="judge">Who judges.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="a">Whose wins are counted.</param>
    /// <param name="b">What it is compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">There is no prompt, or the options are not valid.</exception>
    public WinRateResult WinRate(IChatClient judge, IReadOnlyList<string> prompts, IChatClient a, IChatClient b, WinRateOptions? options = null) =>
        WinRate(judge, prompts, AnswerSource.From(a), AnswerSource.From(b), options);

    /// <summary>Lets a judge compare answers that are there; see the overload that takes sources.</summary>
    /// <param name="judge">Who judges.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="a">Answers to the prompts, whose wins are counted.</param>
    /// <param name="b">What they are compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">There is no prompt, the number of answers is another one, or the options are not valid.</exception>
    public WinRateResult WinRate(
        IChatClient judge, IReadOnlyList<string> prompts, IReadOnlyList<string> a, IReadOnlyList<string> b, WinRateOptions? options = null) =>
        WinRate(judge, prompts, AnswerSource.From(a), AnswerSource.From(b), options);

    /// <summary>Lets a judge say how often the answers of one model are better than those of another; see <see cref="WinRate(IChatClient,
    /// IReadOnlyList{string}, AnswerSource, AnswerSource, WinRateOptions?)"/>.</summary>
    /// <param name="judge">Who judges.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="a">Whose wins are counted.</param>
    /// <param name="b">What it is compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it; replies that are in <see cref="WinRateOptions.CacheFile"/> by then are not asked for again.</param>
    /// <exception cref="ArgumentException">There is no prompt, the number of answers is another one, or the options are not valid.</exception>
    /// <exception cref="InvalidDataException">The file of replies holds something else.</exception>
    /// <exception cref="IOException">The file of replies cannot be opened or written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<WinRateResult> WinRateAsync(
        IChatClient judge, IReadOnlyList<string> prompts, AnswerSource a, AnswerSource b, WinRateOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new WinRateOptions();
        options.Validate();
        if (prompts.Count == 0 || prompts.Contains(null!))
            throw new ArgumentException("The list of prompts is empty, or one of them is null.", nameof(prompts));
        foreach ((string name, AnswerSource source) in new[] { (nameof(a), a), (nameof(b), b) })
        {
            if (source.Count is { } count && count != prompts.Count)
                throw new ArgumentException($"There are {prompts.Count} prompts and {count} answers; each prompt has one.", name);
        }
        return new WinRateMeasurement([.. prompts], a, b, options).RunAsync(judge, cancellationToken);
    }

    /// <summary>Lets a judge compare two chat clients, which answer greedily; see the overload that takes sources.</summary>
    /// <param name="judge">Who judges.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="a">Whose wins are counted.</param>
    /// <param name="b">What it is compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">There is no prompt, or the options are not valid.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<WinRateResult> WinRateAsync(
        IChatClient judge, IReadOnlyList<string> prompts, IChatClient a, IChatClient b, WinRateOptions? options = null,
        CancellationToken cancellationToken = default) =>
        WinRateAsync(judge, prompts, AnswerSource.From(a), AnswerSource.From(b), options, cancellationToken);

    /// <summary>Lets a judge compare answers that are there; see the overload that takes sources.</summary>
    /// <param name="judge">Who judges.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="a">Answers to the prompts, whose wins are counted.</param>
    /// <param name="b">What they are compared with.</param>
    /// <param name="options">How; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">There is no prompt, the number of answers is another one, or the options are not valid.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<WinRateResult> WinRateAsync(
        IChatClient judge, IReadOnlyList<string> prompts, IReadOnlyList<string> a, IReadOnlyList<string> b, WinRateOptions? options = null,
        CancellationToken cancellationToken = default) =>
        WinRateAsync(judge, prompts, AnswerSource.From(a), AnswerSource.From(b), options, cancellationToken);
}
