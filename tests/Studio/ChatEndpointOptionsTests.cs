namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Options that cannot be are refused, all at once.</summary>
public sealed class ChatEndpointOptionsTests
{
    [Fact]
    public void Validate_OfTheDefaults_HasNothingToSay() => new ChatEndpointOptions().Invoking(options => options.Validate()).Should().NotThrow();

    [Fact]
    public void Validate_OfManyFaults_NamesThemAll() => new ChatEndpointOptions
    {
        Prefix = "v1/", ApiKeys = ["", "a b", "k\u00e9y"], MaxRequestBytes = 0, MaxMessages = 0, MaxAnswerTokens = 0, MaxConcurrentRequests = 0,
        RequestTimeout = TimeSpan.Zero,
    }.Invoking(options => options.Validate()).Should().Throw<ArgumentException>().Which.Message.Should().ContainAll("Prefix", "ApiKeys[0]", "ApiKeys[1]",
        "ApiKeys[2]", "MaxRequestBytes", "MaxMessages", "MaxAnswerTokens", "MaxConcurrentRequests", "RequestTimeout");

    [Fact]
    public void Validate_OfKeysThatNobodyNeeds_IsRefused() => new ChatEndpointOptions { ApiKeys = ["sk-secret"], AllowAnyone = true }
        .Invoking(options => options.Validate()).Should().Throw<ArgumentException>().WithMessage("*AllowAnyone*")
        .Which.Message.Should().NotContain("sk-secret");

    [Fact]
    public void ToString_OfOptionsWithKeys_DoesNotShowThem() => new ChatEndpointOptions { ApiKeys = ["sk-secret"] }.ToString().Should().NotContain("sk-secret");
}
