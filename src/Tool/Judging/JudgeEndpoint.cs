using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace MiniMind.MLNet.Dpo.Tool.Judging;

/// <summary>A judge behind an address. Its key goes into requests, and into nothing that is written.</summary>
internal sealed class JudgeEndpoint
{
    private const string WithoutKey = "none"; // what servers that ask for no key get to see
    private const string Hidden = "***";

    private readonly string _model;
    private readonly string? _key;
    private readonly TimeSpan _timeout;

    /// <summary>Takes an address.</summary>
    /// <param name="address">Such as <c>http://127.0.0.1:8998/v1</c>.</param>
    /// <param name="model">The name of the model there.</param>
    /// <param name="key">What the endpoint asks for; <see langword="null"/> for nothing.</param>
    /// <param name="timeout">How long a reply may take.</param>
    /// <exception cref="ArgumentException">It is no address of this kind, or a key would be sent to it in the open.</exception>
    public JudgeEndpoint(string address, string model, string? key, TimeSpan timeout)
    {
        (Address, _model, _key, _timeout) = (Checked(address), model, key, timeout);
        if (key is null)
            return;
        if (key.Any(character => character is <= ' ' or > '~'))
            throw new ArgumentException("The judge's key has characters that no key has: white space, or others than those of ASCII.");
        if (IsOpen)
            throw new ArgumentException($"--judge is '{Address}': the key would be sent to another machine unencrypted; name an address with https.");
    }

    /// <summary>The address.</summary>
    public Uri Address { get; }

    /// <summary>Whether prompts and answers leave the machine for everyone on the way to read.</summary>
    public bool IsOpen => Address.Scheme == Uri.UriSchemeHttp && !Address.IsLoopback;

    /// <summary>The judge as a chat client. What fails is not tried again.</summary>
    public IChatClient Client()
    {
        OpenAIClientOptions options = new() { Endpoint = Address, NetworkTimeout = _timeout, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
        ChatClient client = new(_model, new ApiKeyCredential(_key ?? WithoutKey), options);
        return new BoundedReplies(client.AsIChatClient(), Address);
    }

    /// <summary>A text of the judge's, which may repeat what it was sent, without the key.</summary>
    public string WithoutSecret(string text) => _key is null ? text : text.Replace(_key, Hidden, StringComparison.Ordinal);

    private static Uri Checked(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException("--judge must be an address such as http://127.0.0.1:8998/v1; what is given is none of http or https.");
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            string shown = $"{uri.Scheme}://{uri.Host}:{uri.Port}{uri.AbsolutePath}";
            throw new ArgumentException($"--judge has a name, a query or a fragment beside '{shown}'; leave it out. A key goes into --judge-key.");
        }
        string path = uri.AbsolutePath.TrimEnd('/');
        if (path.Length == 0)
        {
            throw new ArgumentException(
                $"--judge is '{address}', without a path; servers of this kind mostly have {uri.GetLeftPart(UriPartial.Authority)}/v1.");
        }
        if (path.EndsWith("/completions", StringComparison.Ordinal))
            throw new ArgumentException($"--judge is '{address}'; it must be what stands before /chat/completions.");
        return uri;
    }
}
